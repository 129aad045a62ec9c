"""One self-contained page: tables that sort, rows that open, figures with their text."""
