"""What to say: replies, notices, plans, platform limits. Pure; content comes from outside."""
