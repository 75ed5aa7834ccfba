"""AWS behind our ports; nothing else imports the SDK, and nothing here does so before it must."""
