"""Rules and traffic classes, the kinds that evaluate them, and the engine that knows what is due."""
