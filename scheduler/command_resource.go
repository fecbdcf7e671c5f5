package scheduler

import "time"

type (
	// GrantedSemaphores answers AcquireSemaphores.
	GrantedSemaphores struct {
		Ask      AskID
		Item     ItemID
		Buildset BuildsetID
		Job      JobName
		Ref      int
		Build    BuildID // of a playbook that asked
	}
	// AskedSemaphores says that a build is about to run a playbook that needs
	// semaphores. Number counts the build's requests, from 1; the same one may
	// come again until GrantSemaphores has answered it.
	AskedSemaphores struct {
		Build      BuildID
		Executor   ExecutorName
		Number     int
		Semaphores []SemaphoreName
	}
	// ReturnedSemaphores says that the playbook of that number has ended.
	ReturnedSemaphores struct {
		Build  BuildID
		Number int
	}
	// ProvidedNodes answers RequestNodes.
	ProvidedNodes struct {
		Request NodeRequestID
		Nodes   []ProvidedNode
		// Failed says that no provider can ever serve it; Detail tells why.
		Failed bool
		Detail string
	}
	// CreateAutohold asks to keep the nodes of builds that will fail.
	CreateAutohold struct {
		ID      EventID
		Project ProjectName
		Job     JobName
		// RefFilter is a regular expression, matched from the start of a ref.
		RefFilter      string
		Count          int
		Reason         string
		NodeExpiration time.Duration // 0 is never
		Actor          string
	}
	// DeleteAutohold ends an autohold request and lets go of what it keeps.
	DeleteAutohold struct {
		ID       EventID
		Autohold AutoholdID
		Actor    string
	}
	// Tick tells the time, so that what is due expires. NextTick says when one
	// is needed.
	Tick struct{}
)

func (GrantedSemaphores) command()  {}
func (AskedSemaphores) command()    {}
func (ReturnedSemaphores) command() {}
func (ProvidedNodes) command()      {}
func (CreateAutohold) command()     {}
func (DeleteAutohold) command()     {}
func (Tick) command()               {}

// Identifiers of what jobs need. AskID and NodeRequestID are made as those of
// builds; AutoholdID is a number of ten digits, as Zuul's.
type (
	// AskID identifies one request for global semaphores.
	AskID string
	// NodeRequestID identifies one request for the nodes of a job.
	NodeRequestID string
	// NodeID identifies a node; its provider names it.
	NodeID string
	// AutoholdID identifies an autohold request.
	AutoholdID string
)

// ProvidedNode is a node that a job has.
type ProvidedNode struct {
	ID NodeID
	// Name and Label as the job's nodeset has them.
	Name  string
	Label string
	// Provider that it is from.
	Provider string
	// Connection is how to reach it: ssh, kubernetes, ...; sandbox is the
	// executor's own.
	Connection string
	// Host, Port, Username and HostKeys are for connections over a network.
	Host     string
	Port     int
	Username string
	HostKeys []string
	// ExternalID names it in the provider's world, Zone that of executors that
	// reach it.
	ExternalID string
	Zone       string
}
