package web

import "net/http"

// notYet lists the published routes of Zuul's API that this server does not
// answer yet. They are no part of the contract; each refuses with 501.
var notYet = []struct{ method, pattern string }{
	{http.MethodGet, tenantPath + "/flavors"},
	{http.MethodGet, tenantPath + "/images"},
	{http.MethodGet, tenantPath + "/providers"},
	{http.MethodPost, tenantPath + "/image/{image_name}/build"},
	{http.MethodDelete, tenantPath + "/image-build-artifact/{artifact_id}"},
	{http.MethodDelete, tenantPath + "/image-upload/{upload_id}"},
	{http.MethodPost, tenantPath + "/image-upload/{upload_id}/validate"},
	{http.MethodGet, tenantPath + "/key/{project_name}"}, // ends in .pub
	{http.MethodGet, tenantPath + "/project-ssh-key/{project_name}"},
	{http.MethodGet, tenantPath + "/tenant-ssh-key/ssh.pub"},
	{http.MethodPut, tenantPath + "/nodes/{node_id}"},
	{http.MethodGet, tenantPath + "/pipeline/{pipeline_name}/project/{project_name}/branch/{branch_name}/freeze-jobs"},
	{http.MethodGet, tenantPath + "/pipeline/{pipeline_name}/project/{project_name}/branch/{branch_name}/freeze-job/{job_name}"},
}

// refuseNotYet answers a route of notYet, after the checks that the real one
// will make first.
func (s *Server) refuseNotYet(*call) error {
	return &Problem{
		Status: http.StatusNotImplemented, Code: "unavailable",
		Detail: "This part of Zuul's API is not available yet.",
		Hint:   "GET /api lists what is.",
	}
}
