"""What every slice stands on: settings, database, problems, pages, clock, ids. Knows no domain and no cloud."""
