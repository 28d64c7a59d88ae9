"""One thin room for each host: it takes input, calls the pipeline, and shows the result."""
