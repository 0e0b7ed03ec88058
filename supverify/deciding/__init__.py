"""From files to a verdict: what is asked, who is asked, what is kept, and what is said beside it."""
