"""notify: what the suite announces becomes notices for people, each once: a page or a ticket, closed by themselves."""
