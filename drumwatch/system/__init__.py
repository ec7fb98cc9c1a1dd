"""What the operating system offers around the main task: paths, locks, logs, notifications, priority."""
