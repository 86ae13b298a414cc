package config

import (
	"fmt"
	"reflect"
	"slices"
)

// Changes names the keys in which two configs of one type differ, sorted, like dispatcher.triggers.storm.when. Elements of
// lists go by their name where they have one.
func Changes(before, after any) []string {
	var found []string
	differ(reflect.ValueOf(before), reflect.ValueOf(after), "", func(path string) { found = append(found, path) })
	slices.Sort(found)
	return slices.Compact(found)
}

func differ(a, b reflect.Value, path string, tell func(string)) {
	if a.IsValid() && b.IsValid() && reflect.DeepEqual(a.Interface(), b.Interface()) {
		return
	}
	if !a.IsValid() || !b.IsValid() {
		tell(path)
		return
	}
	switch a.Kind() {
	case reflect.Struct:
		differStructs(a, b, path, tell)
	case reflect.Map:
		both := append(a.MapKeys(), b.MapKeys()...)
		for _, key := range both {
			differ(a.MapIndex(key), b.MapIndex(key), under(path, fmt.Sprint(key)), tell)
		}
	case reflect.Slice:
		x, y := named(a), named(b)
		if x == nil || y == nil {
			tell(path)
			return
		}
		for name := range merged(x, y) {
			differ(x[name], y[name], under(path, name), tell)
		}
		if a.Len() == b.Len() && len(x) == len(merged(x, y)) && !sameOrder(a, b) {
			tell(path) // put in another order
		}
	case reflect.Pointer:
		differ(a.Elem(), b.Elem(), path, tell)
	default:
		tell(path)
	}
}

func differStructs(a, b reflect.Value, path string, tell func(string)) {
	for i := range a.NumField() {
		name, inline := yamlName(a.Type().Field(i))
		switch {
		case inline:
			differ(a.Field(i), b.Field(i), path, tell)
		case name != "":
			differ(a.Field(i), b.Field(i), under(path, name), tell)
		}
	}
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// named gives the elements of a list by their names; nil where they have none, or not each its own.
func named(list reflect.Value) map[string]reflect.Value {
	if list.Type().Elem().Kind() != reflect.Struct {
		return nil
	}
	found := map[string]reflect.Value{}
	for i := range list.Len() {
		name := list.Index(i).FieldByName("Name")
		if !name.IsValid() || name.Kind() != reflect.String || name.String() == "" {
			return nil
		}
		found[name.String()] = list.Index(i)
	}
	if len(found) < list.Len() {
		return nil
	}
	return found
}

func merged(a, b map[string]reflect.Value) map[string]bool {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return all
}

func sameOrder(a, b reflect.Value) bool {
	for i := range a.Len() {
		if a.Index(i).FieldByName("Name").String() != b.Index(i).FieldByName("Name").String() {
			return false
		}
	}
	return true
}
