"""A run result as HTML, plain text, Markdown, JUnit XML and JSON. The renderers read nothing but the result."""
