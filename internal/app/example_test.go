package app_test

import (
	"context"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A program publishes an event of tenant acme. Its token is what
// gozer admin create-auth-token --tenant acme printed.
func Example() {
	token, ctx := os.Getenv("TOKEN"), context.Background()
	nc, err := nats.Connect("nats://127.0.0.1:4222",
		nats.UserInfo("acme", token), nats.CustomInboxPrefix("_INBOX.acme"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		fmt.Println(err)
		return
	}
	ack, err := js.Publish(ctx, "gozer.event.acme.deploy", []byte(`{"type": "deploy-requested", "project": "org/app", "branch": "main"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("accepted as", ack.Sequence)
}
