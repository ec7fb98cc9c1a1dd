"""Starts the command line, and answers Ctrl-C in a plain sentence from the first moment on."""

import sys


def main() -> None:
    """Run the command that the arguments name; Ctrl-C while it is being loaded prints no traceback."""
    try:
        from drumwatch.cli import main as run  # noqa: PLC0415  it takes a tenth of a second
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)  # noqa: T201  click is not there yet
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
