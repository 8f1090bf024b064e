using Orchestrator.Benchmarks.Delivery;
using Orchestrator.Benchmarks.Own;
using Orchestrator.Benchmarks.Peer;

return args switch
{
    ["peer", .. var rest] => await PeerCommand.RunAsync(rest),
    ["own", .. var rest] => await OwnCommand.RunAsync(rest),
    ["delivery", .. var rest] => await DeliveryCommand.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("peer reset|enqueue|serve|work|remaining ... or own [--quick] [--only drain|latency|backlog|queue-report|lane-limit|loaded-latency|incident] or delivery [--quick] [--only stages|costs|webhooks|storm] [--tasks N] [--repositories N] [--seed N]; see README.md");
    return 64; // EX_USAGE
}
