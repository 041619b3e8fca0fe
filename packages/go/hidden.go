package msal

// hidden is a value that fmt and encoding/json cannot show: of a function, fmt prints the address. It would follow a
// pointer for some verbs, and it does not call the methods of a type in an unexported field.
type hidden[Value any] func() Value

func hide[Value any](value Value) hidden[Value] {
	return func() Value { return value }
}

// reveal returns what is hidden in values other than zero ones.
func reveal[Value any, Holder ~struct{ value hidden[Value] }](holders []Holder) []Value {
	values := make([]Value, 0, len(holders))
	for _, holder := range holders {
		if it := (struct{ value hidden[Value] })(holder); it.value != nil {
			values = append(values, it.value())
		}
	}
	return values
}
