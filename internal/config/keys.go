package config

import (
	"reflect"
	"strings"
)

// keys lists every YAML key that a config knows, at any depth.
func keys(config any) []string {
	found := map[string]bool{}
	collect(reflect.TypeOf(config), found, map[reflect.Type]bool{})
	list := make([]string, 0, len(found))
	for k := range found {
		list = append(list, k)
	}
	return list
}

func collect(t reflect.Type, found map[string]bool, seen map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		collect(t.Elem(), found, seen)
	case reflect.Struct:
		if seen[t] {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			f := t.Field(i)
			if name, _ := yamlName(f); name != "" {
				found[name] = true
			}
			collect(f.Type, found, seen)
		}
	}
}

// yamlName gives the key under which a field is written, and whether its own keys stand in its place.
func yamlName(f reflect.StructField) (name string, inline bool) {
	name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "-" {
		name = ""
	}
	return name, options == "inline"
}
