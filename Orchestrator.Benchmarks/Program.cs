using Orchestrator.Benchmarks.Peer;

return args switch
{
    ["peer", .. var rest] => await PeerCommand.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("peer reset|enqueue|serve|work|remaining ... (see README.md)");
    return 64; // EX_USAGE
}
