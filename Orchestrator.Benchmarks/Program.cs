using Orchestrator.Benchmarks.Own;
using Orchestrator.Benchmarks.Peer;

return args switch
{
    ["peer", .. var rest] => await PeerCommand.RunAsync(rest),
    ["own", .. var rest] => await OwnCommand.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("peer reset|enqueue|serve|work|remaining ... or own [--quick] [--only drain|latency|backlog|queue-report|lane-limit|loaded-latency|incident]; see README.md");
    return 64; // EX_USAGE
}
