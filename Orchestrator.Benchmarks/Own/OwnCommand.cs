using System.Text.Json;
using Orchestrator.Local;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Benchmarks.Own;

/// <summary>What only we can be asked: one JSON line per measurement, on an environment of its own.</summary>
internal static class OwnCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> rest)
    {
        var arguments = new Arguments(rest);
        var quick = arguments.Has("quick");
        var only = arguments.Text("only", "");
        foreach (var key in new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY" })
            Environment.SetEnvironmentVariable(key, "test"); // the emulator takes any; a person's own keys stay out of it
        await using var environment = await LocalEnvironment.StartAsync();

        foreach (var transport in new[] { BusTransport.InMemory, BusTransport.AmazonSqs })
        {
            if (Wanted("drain"))
                await using (var bench = await Bench.StartAsync(environment, transport))
                    Say(await Measurements.DrainAsync(bench, jobs: quick ? 2_000 : 20_000));
            if (Wanted("latency"))
                await using (var bench = await Bench.StartAsync(environment, transport))
                    Say(await Measurements.LatencyAsync(bench, jobs: quick ? 50 : 300));
        }

        if (Wanted("backlog"))
            await using (var bench = await Bench.StartAsync(environment, BusTransport.InMemory))
                Say(await Measurements.BacklogAsync(bench, due: 2_000, future: quick ? 50_000 : 500_000, repetitions: quick ? 1 : 3));
        if (Wanted("queue-report"))
            await using (var bench = await Bench.StartAsync(environment, BusTransport.InMemory, new Dictionary<string, string?> { ["Orchestrator:Sweeps:RetentionEnabled"] = "false" }))
                Say(await Measurements.QueueReportAsync(bench, ended: quick ? 50_000 : 1_000_000, hot: quick ? 10_000 : 200_000, repetitions: quick ? 3 : 11));
        if (Wanted("lane-limit"))
        {
            var rates = new List<double>();
            foreach (var limit in new string?[] { null, "10" })
            {
                await using var bench = await Bench.StartAsync(environment, BusTransport.InMemory, new Dictionary<string, string?>
                {
                    [$"Orchestrator:Lanes:{BenchNode.Lane}:ClaimQuickAlong"] = "false", [$"Orchestrator:Lanes:{BenchNode.Lane}:MaxRunning"] = limit,
                });
                rates.Add(await Measurements.RateAsync(bench, jobs: quick ? 500 : 3_000, repetitions: quick ? 1 : 3));
            }

            Say(new { measurement = "lane-limit", withoutPerSecond = Math.Round(rates[0]), withPerSecond = Math.Round(rates[1]), ratio = Math.Round(rates[1] / rates[0], 2) });
        }

        if (Wanted("loaded-latency"))
            await using (var bench = await Bench.StartAsync(environment, BusTransport.InMemory, new Dictionary<string, string?> { ["Orchestrator:Sweeps:RetentionEnabled"] = "false" }))
                Say(await Measurements.LoadedLatencyAsync(bench, ended: quick ? 50_000 : 1_000_000, seconds: quick ? 5 : 60, held: quick ? TimeSpan.Zero : TimeSpan.FromMinutes(arguments.Number("held-minutes", 0))));
        if (Wanted("incident"))
            await using (var bench = await Bench.StartAsync(environment, BusTransport.AmazonSqs, Measurements.IncidentSettings))
                Say(await Measurements.IncidentAsync(bench));
        return 0;

        bool Wanted(string name) => only.Length == 0 || only == name;
    }

    private static void Say(object measured) => Console.WriteLine(JsonSerializer.Serialize(measured));
}
