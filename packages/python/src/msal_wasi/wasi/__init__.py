"""The interfaces that the component imports, each as functions over Python's standard library."""
