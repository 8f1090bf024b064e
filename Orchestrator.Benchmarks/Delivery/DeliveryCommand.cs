using System.Globalization;
using Orchestrator.Local;
using Orchestrator.Local.Storm;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Benchmarks.Delivery;

/// <summary>Measures the delivery pipeline with agents that take no time, on an environment of its own, and prints plain tables.</summary>
internal static class DeliveryCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> rest)
    {
        var arguments = new Arguments(rest);
        var only = arguments.Text("only", "");
        var quick = arguments.Has("quick");
        foreach (var key in new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY" })
            Environment.SetEnvironmentVariable(key, "test"); // the emulator takes any; a person's own keys stay out of it
        var folder = Directory.CreateTempSubdirectory("delivery-bench-").FullName;
        try
        {
            await using var environment = await LocalEnvironment.StartAsync();
            foreach (var transport in (BusTransport[])[BusTransport.InMemory, BusTransport.AmazonSqs])
            {
                if (Wanted("stages"))
                    await StageTimes.MeasureAsync(environment, Path.Combine(folder, $"stages-{transport}"), transport, tasks: arguments.Number("tasks", quick ? 5 : 40));
            }

            if (Wanted("costs"))
                await Costs.MeasureAsync(environment, Path.Combine(folder, "costs"), tasks: arguments.Number("tasks", quick ? 3 : 20));
            if (Wanted("webhooks"))
                await WebhookTimes.MeasureAsync(environment, Path.Combine(folder, "webhooks"), deliveries: quick ? 500 : 5_000);
            if (Wanted("storm"))
            {
                await StormAsync(environment, Path.Combine(folder, "calm"), null, arguments);
                await StormAsync(environment, Path.Combine(folder, "storm"), arguments.Number("seed", 1), arguments);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        bool Wanted(string name) => only.Length == 0 || only == name;
    }

    private static async Task StormAsync(LocalEnvironment environment, string folder, int? seed, Arguments arguments)
    {
        var (tasks, repositories) = arguments.Has("quick") ? (12, 4) : (arguments.Number("tasks", 200), arguments.Number("repositories", 20));
        await using var yard = await DeliveryYard.SetAsync(Path.Combine(folder, "yard"), repositories);
        await using var storm = await DeliveryStorm.SetAsync(yard, Path.Combine(folder, "nodes"), environment, seed is null ? "calm" : "storm", static said => Console.Error.WriteLine(said));
        var report = await storm.RunAsync(tasks, seed, TimeSpan.FromMinutes(60));
        Table.Write(
            seed is null ? "Throughput, two nodes" : string.Create(CultureInfo.InvariantCulture, $"Throughput, two nodes, killed at random (seed {seed})"),
            ["tasks", "repositories", "seconds", "tasks/minute", "nodes killed", "git killed", "wrong"],
            [[tasks, repositories, report.Took.TotalSeconds, tasks / report.Took.TotalMinutes, report.Kills, report.Gits, report.Wrong.Count]]);
        foreach (var wrong in report.Wrong)
            Console.WriteLine(wrong);
    }
}
