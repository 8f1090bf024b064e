using System.CommandLine;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Commands;

internal static class QueueCommand
{
    public static Command Create()
    {
        var command = new Command("queue", "Print jobs by lane and state, and the nodes");
        command.SetAction(async (_, cancellation) =>
        {
            var builder = OrchestratorHost.CreateBuilder([]);
            await using var app = builder.Build();
            var database = app.Services.GetRequiredService<NpgsqlDataSource>();
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var counts = await JobLedger.CountsAsync(connection, cancellation);

            Console.WriteLine($"{"lane",-24}{string.Concat(JobLifecycle.StateNames.Select(s => $"{s,12}"))}");
            foreach (var lane in counts.GroupBy(c => c.Lane).OrderBy(g => g.Key, StringComparer.Ordinal))
                Console.WriteLine($"{lane.Key,-24}{string.Concat(JobLifecycle.StateNames.Select(s => $"{lane.Where(c => c.State == s).Sum(c => c.Count),12}"))}");

            Console.WriteLine();
            Console.WriteLine($"{"node",-38}{"name",-20}{"pid",8}{"runs",6}  state");
            foreach (var node in await NodeLedger.AllAsync(database, cancellation))
                Console.WriteLine($"{node.Id,-38}{node.Name,-20}{node.Pid,8}{node.Runs,6}  {(node.DeadAt is null ? $"renewed {node.RenewedAt:HH:mm:ss} UTC" : $"dead: {node.DeadReason}")}");
            return 0;
        });
        return command;
    }
}
