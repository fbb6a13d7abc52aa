import { Component, type ReactNode } from 'react';

/** One broken part tells that it is broken; the rest of the page stays. */
export class ErrorBoundary extends Component<{ what: string; children: ReactNode }, { message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.message === null) return this.props.children;
    return (
      <p className="empty" role="alert">
        {this.props.what} could not be drawn: {this.state.message}
      </p>
    );
  }
}
