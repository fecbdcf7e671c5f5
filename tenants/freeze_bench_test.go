package tenants

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkFreezeCycle freezes 200 jobs for each of many changes that need each
// other.
func BenchmarkFreezeCycle(b *testing.B) {
	var names []string
	jobs := "- project-template: {name: all, check: {jobs: [%s]}}\n- project: {name: org/app, templates: [all]}\n"
	for i := range 200 {
		names = append(names, fmt.Sprintf("j%d", i))
		jobs += fmt.Sprintf("- job: {name: j%d, run: a, dependencies: [{name: j0, soft: true}]}\n", i+1)
	}
	config := defaultConfig + fmt.Sprintf(jobs, strings.Join(names, ", ")) + "- job: {name: j0, run: a}\n"
	l := testWorld(b, map[string]string{"local/config@master/zuul.yaml": config}).load(b)
	for _, changes := range []int{1, 50} {
		b.Run(fmt.Sprint(changes), func(b *testing.B) {
			refs := make([]FreezeRef, changes)
			for i := range refs {
				refs[i] = app("master", "README")[0]
				refs[i].Number = i + 1
			}
			for b.Loop() {
				if f, err := l.Freeze("check", refs, nil); err != nil || len(f.Graph.Jobs) != 200 || len(f.Graph.Jobs[0].Shared) != changes-1 {
					b.Fatal(err)
				}
			}
		})
	}
}
