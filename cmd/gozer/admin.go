package main

type adminCmd struct {
	CreateAuthToken createTokenCmd   `cmd:"" help:"Make a token for a person or a program."`
	VerifyLog       verifyLogCmd     `cmd:"" help:"Check the whole log, and compare it with the state and the read models."`
	ReleaseTenant   releaseTenantCmd `cmd:"" help:"Start a tenant again that has stopped, while the server runs."`
	ExportKeys      exportKeysCmd    `cmd:"" help:"Write the server's secrets to an OpenPGP-encrypted file."`
	ImportKeys      importKeysCmd    `cmd:"" help:"Read secrets back from such a file."`
}
