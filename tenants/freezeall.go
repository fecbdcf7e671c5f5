package tenants

import "github.com/gozer-ci/gozer/scheduler"

// FreezeAll freezes the jobs of every project, branch and pipeline as if all
// files had changed, and returns what would be reported on changes there.
func (l *Layout) FreezeAll() Diagnostics {
	var out Diagnostics
	for i := range l.branches {
		b := &l.branches[i]
		ref := scheduler.Ref{Connection: b.project.Connection, Project: b.project.Canonical, Name: b.project.Name, Branch: b.branch, Ref: "refs/heads/" + b.branch}
		for _, p := range l.pipelines {
			_, err := l.Freeze(p.Name, []FreezeRef{{Ref: ref}}, nil)
			if err == nil {
				continue
			}
			src := l.pipelineSource(p.Name, ref)
			d := newDiagnostic(CodeCannotFreeze, src, l.lineAt(src), "", "changes of %s on %s in pipeline %s: %v", ref.Name, ref.Branch, p.Name, err)
			out = append(out, d)
		}
	}
	return out.Sorted()
}

// pipelineSource is where the project's first word on a pipeline stands.
func (l *Layout) pipelineSource(pipeline scheduler.PipelineName, ref scheduler.Ref) Source {
	for _, s := range l.projectConfigs(ref.Project) {
		if p := s.Pipeline(pipeline); p != nil && s.Branches.Match(ref) {
			return p.Source
		}
	}
	return Source{Project: ref.Project, Branch: ref.Branch}
}

// lineAt returns the text of the line of an object for a diagnostic.
func (l *Layout) lineAt(src Source) string {
	for i := range l.branches {
		if b := &l.branches[i]; b.project.Canonical == src.Project && b.branch == src.Branch {
			return b.lineAt(src)
		}
	}
	return ""
}
