// Package bus carries messages between the parts of Gozer over NATS: an
// embedded server in this process, which opens no port unless told to, or an
// external one.
//
// What travels, and what survives:
//
//	subject                              stream           kept
//	gozer.in.<tenant>                    INPUT-<tenant>   on disk, synced before the acknowledgement
//	gozer.event.<tenant>.>               EVENTS-<tenant>  on disk, synced
//	gozer.result.<tenant>                RESULT           in memory, until acknowledged
//	gozer.work.<kind>.<zone>.<class>.<id> WORK            in memory, until acknowledged
//	gozer.console.<build>                CONSOLE          on disk, not synced per chunk
//	gozer.cancel.<kind>                  none             told to whoever listens
//	gozer.grant.<kind>                   none             told to whoever listens
//	gozer.report.<tenant>.>              none             told to whoever listens
//
// Results and work may be lost with the process: effects are derived again at
// the next start, and workers answer the same request twice with the same
// answer. Names of tenants, zones and builds are encoded as one subject token
// each (see Token), so that any name is possible.
package bus
