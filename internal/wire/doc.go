// Package wire is the written form of commands and events.
//
// An event is a line of JSON, {"type":"build.completed/1","data":{...}}; a
// record's body is a sequence of such lines. Fields have their Go names and
// are left out when they are zero. Layouts and job graphs inside events are
// written as their hash; their data travels beside the body as blobs.
//
// The form is for ever: each type and version has a frozen sample in
// testdata, which must decode to the same value in every later release. A
// field may be added when its zero value means what was before. Any other
// change is a new version of the name, with an upcaster from the old one.
package wire
