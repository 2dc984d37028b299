// Empty: it lets validate.go declare a linked function without a body.
