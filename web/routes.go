package web

import "net/http"

// level says who may use a route.
type level int

const (
	public   level = iota // anybody
	read                  // whoever may read the tenant
	user                  // anybody with a valid token
	operator              // administrators of any tenant
	admin                 // administrators of the tenant
)

// route is one operation of the contract.
type route struct {
	method  string
	pattern string
	level   level
	handle  func(*Server, *call) error
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	// tenantPath and reviewPath begin the routes of a tenant and of a code
	// review.
	tenantPath = "/api/tenant/{tenant_name}"
	reviewPath = "/api/connection/{connection}"
)

// routes is every operation, in the order of openapi.yaml.
var routes = []route{
	{get, "/api", read, (*Server).getIndex},
	{get, "/api/info", public, (*Server).getInfo},
	{get, "/api/tenants", read, (*Server).getTenants},
	{get, "/api/connections", read, (*Server).getConnections},
	{get, "/api/components", read, (*Server).getComponents},
	{get, "/api/authorizations", user, (*Server).getAuthorizations},

	{get, tenantPath + "/info", public, (*Server).getTenantInfo},
	{get, tenantPath + "/authorizations", user, (*Server).getAuthorizations},
	{get, tenantPath + "/status", read, (*Server).getStatus},
	{get, tenantPath + "/status/change/{change}", read, (*Server).getStatusChange},
	{get, tenantPath + "/tenant-status", read, (*Server).getTenantStatus},
	{get, tenantPath + "/config-errors", read, (*Server).getConfigErrors},
	{get, tenantPath + "/jobs", read, (*Server).getJobs},
	{get, tenantPath + "/job/{job_name}", read, (*Server).getJob},
	{get, tenantPath + "/projects", read, (*Server).getProjects},
	{get, tenantPath + "/project/{project_name}", read, (*Server).getProject},
	{get, tenantPath + "/pipelines", read, (*Server).getPipelines},
	{get, tenantPath + "/labels", read, (*Server).getLabels},
	{get, tenantPath + "/semaphores", read, (*Server).getSemaphores},
	{get, tenantPath + "/nodes", read, (*Server).getNodes},
	{get, tenantPath + "/nodeset-requests", read, (*Server).getNodesetRequests},
	{http.MethodDelete, tenantPath + "/nodeset-requests/{request_id}", admin, (*Server).deleteNodesetRequest},
	{get, tenantPath + "/builds", read, (*Server).getBuilds},
	{get, tenantPath + "/build/{uuid}", read, (*Server).getBuild},
	{get, tenantPath + "/build-times", read, (*Server).getBuildTimes},
	{get, tenantPath + "/buildsets", read, (*Server).getBuildsets},
	{get, tenantPath + "/buildset/{uuid}", read, (*Server).getBuildset},
	{get, tenantPath + "/badge", read, (*Server).getBadge},
	{get, tenantPath + "/console-stream", public, (*Server).streamConsole},
	{post, tenantPath + "/project/{project_name}/enqueue", admin, (*Server).enqueue},
	{post, tenantPath + "/project/{project_name}/dequeue", admin, (*Server).dequeue},
	{get, tenantPath + "/autohold", read, (*Server).getAutoholds},
	{get, tenantPath + "/autohold/{request_id}", read, (*Server).getAutohold},
	{http.MethodDelete, tenantPath + "/autohold/{request_id}", admin, (*Server).deleteAutohold},
	{get, tenantPath + "/project/{project_name}/autohold", read, (*Server).getProjectAutoholds},
	{post, tenantPath + "/project/{project_name}/autohold", admin, (*Server).createAutohold},
	{post, tenantPath + "/promote", admin, (*Server).promote},
	{get, tenantPath + "/state", read, (*Server).getState},
	{post, tenantPath + "/state", admin, (*Server).setState},
	{get, tenantPath + "/system-events", read, (*Server).getSystemEvents},

	{get, "/api/verify-log", operator, (*Server).getVerifyLog},
	{get, tenantPath + "/events", read, (*Server).getEvents},
	{get, tenantPath + "/build/{uuid}/console", read, (*Server).getConsole},
	{get, tenantPath + "/change/{change}/history", read, (*Server).getChangeHistory},
	{get, tenantPath + "/explain/{what}", read, (*Server).explain},
	{get, reviewPath + "/projects", read, (*Server).getReviewProjects},
	{post, reviewPath + "/projects", operator, (*Server).createReviewProject},
	{get, reviewPath + "/changes", read, (*Server).getChanges},
	{get, reviewPath + "/changes/{number}", read, (*Server).getChange},
	{get, reviewPath + "/changes/{number}/diff", read, (*Server).getChangeDiff},
	{post, reviewPath + "/changes/{number}/vote", user, (*Server).voteOnChange},
	{post, reviewPath + "/changes/{number}/comment", user, (*Server).commentOnChange},
	{post, reviewPath + "/changes/{number}/approve", user, (*Server).approveChange},
	{post, reviewPath + "/changes/{number}/abandon", user, (*Server).abandonChange},
	{post, reviewPath + "/changes/{number}/restore", user, (*Server).restoreChange},
}
