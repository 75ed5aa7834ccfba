"""`edsr audit query`: the audit asked in SQL, by Athena in an account and by an embedded engine on a copy."""
