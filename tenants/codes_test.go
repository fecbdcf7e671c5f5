package tenants

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCodesAreDocumented compares the codes with the manual, both ways.
func TestCodesAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/config-errors.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []Code
	for _, m := range regexp.MustCompile("(?m)^### `(.+)`\n\n.+\n\n\\*\\*Mend:\\*\\* .+$").FindAllSubmatch(page, -1) {
		documented = append(documented, Code(m[1]))
	}
	slices.Sort(documented)
	codes := Codes()
	slices.Sort(codes)
	if diff := cmp.Diff(codes, documented); diff != "" {
		t.Errorf("docs/config-errors.md and the codes differ (-code +page):\n%s", diff)
	}
}
