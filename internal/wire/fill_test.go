package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// filler gives every field of a value something that is not zero and differs
// from its neighbours, the same at each run.
type filler struct{ n int }

// filled returns a T without a zero field.
func filled(t reflect.Type) any {
	v := reflect.New(t).Elem()
	(&filler{}).fill(v, t.Name())
	return v.Interface()
}

func (f *filler) fill(v reflect.Value, name string) {
	f.n++
	switch v.Type() {
	case timeType:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 20, 12, 0, f.n%60, 1000*f.n, time.UTC)))
		return
	case rawType:
		v.Set(reflect.ValueOf(json.RawMessage(fmt.Sprintf(`{"n":%d,"s":"a<b"}`, f.n))))
		return
	case reflect.TypeFor[scheduler.Pattern]():
		p, err := scheduler.NewPattern(fmt.Sprintf("%s-%d.*", name, f.n), true)
		if err != nil {
			panic(err)
		}
		v.Set(reflect.ValueOf(scheduler.Pattern{Text: p.Text, Negate: p.Negate}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d", name, f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint64:
		v.SetUint(uint64(f.n))
	case reflect.Uint8:
		v.SetUint(uint64(f.n % 256))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.fill(v.Field(i), v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), name)
		f.fill(v.Index(1), name)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key, name)
		f.fill(value, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name)
	default:
		panic("no filling for " + v.Type().String())
	}
}
