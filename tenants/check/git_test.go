package check

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gozer-ci/gozer/tenants"
)

// TestBranches reads clones of one repository: with a work tree on another
// branch, bare, a mirror, and the repository itself.
func TestBranches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	origin := filepath.Join(dir, "origin")
	newRepository(t, origin, map[string]string{"zuul.yaml": "- job: {name: a}\n", "sub/zuul.yaml": "no"})
	git(t, origin, "branch", "stable/one")
	git(t, dir, "clone", "-q", "origin", "clone")
	git(t, filepath.Join(dir, "clone"), "checkout", "-q", "-b", "mine")
	git(t, dir, "clone", "-q", "--bare", "origin", "bare.git")
	git(t, dir, "clone", "-q", "--mirror", "origin", "mirror")
	want := []branch{{Name: "master", Default: true}, {Name: "stable/one"}}
	for name, more := range map[string][]branch{"origin": nil, "bare.git": nil, "mirror": nil, "clone": {{Name: "mine"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := openRepository(filepath.Join(dir, name), "other")
			got, err := repo.Branches(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wanted := want
			if more != nil {
				wanted = []branch{want[0], more[0], want[1]}
			}
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, b := range got {
				files, err := repo.Files(t.Context(), b.Name, func(p string) bool { return p == "zuul.yaml" })
				if diff := cmp.Diff([]tenants.File{{Path: "zuul.yaml", Data: []byte("- job: {name: a}\n")}}, files); err != nil || diff != "" {
					t.Errorf("%s: %v (-want +got):\n%s", b.Name, err, diff)
				}
			}
		})
	}
}
