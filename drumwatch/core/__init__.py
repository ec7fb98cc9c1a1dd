"""What every package uses: records, errors and the formatting of text for people. It imports nothing else of drumwatch."""
