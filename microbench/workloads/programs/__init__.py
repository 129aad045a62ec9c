"""What programs are made of: images, start-up, libraries, user code."""
