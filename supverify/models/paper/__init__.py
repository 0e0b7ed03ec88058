"""The source's construction by cases of influence, with the choices that make it exact."""
