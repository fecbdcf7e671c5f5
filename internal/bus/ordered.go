package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// readAhead is how many messages of a subscription wait in this process.
const readAhead = 256

// ordered reads a subject of s from a sequence on, in order, without
// acknowledgements and without a consumer that outlives it by more than a
// minute.
func ordered(ctx context.Context, s jetstream.Stream, subject string, from uint64) (jetstream.MessagesContext, error) {
	c, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(1, from),
		InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return c.Messages(jetstream.PullMaxMessages(readAhead))
}

// nextMessage waits for a message, until ctx ends.
func nextMessage(ctx context.Context, msgs jetstream.MessagesContext) (jetstream.Msg, error) {
	return msgs.Next(jetstream.NextContext(ctx))
}
