"""What the user says is remembered: a confirmed label acts at once, and only confirmed labels teach."""
