using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Simulation;

/// <summary>A cluster under faults, by seeds. <c>SIMULATION_SEED=n</c> plays one with its trace, <c>SIMULATION_SEEDS=n</c> plays more.</summary>
[Trait("Requirement", "OWN-1")]
[Trait("Requirement", "REAP-3")]
[Trait("Requirement", "REAP-5")]
[Trait("Requirement", "JOB-2")]
[Trait("Requirement", "JOB-6")]
[Trait("Requirement", "RES-4")]
public sealed class SimulationTests(Machine machine, ITestOutputHelper output) : IClassFixture<Machine>
{
    [Fact]
    public void Whatever_fails_no_job_has_two_owners_and_each_comes_to_an_end()
    {
        if (Number("SIMULATION_SEED") is { } one)
        {
            new Simulator(machine, one, traced: true).Run();
            return;
        }

        var seeds = Number("SIMULATION_SEEDS") ?? 3000;
        var overlaps = new ConcurrentDictionary<string, int>();
        var (events, began) = (0L, Stopwatch.GetTimestamp());
        var failed = FirstFailure(seeds, Guard.None, simulator =>
        {
            Interlocked.Add(ref events, simulator.Events);
            foreach (var (why, times) in simulator.Overlaps)
                overlaps.AddOrUpdate(why, times, (_, n) => n + times);
        });
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var summary = string.Create(CultureInfo.InvariantCulture, $"{seeds} seeds, {events} events in {seconds:0.0} s: {seeds / seconds:0} seeds per second");
        output.WriteLine(summary);
        foreach (var (why, times) in overlaps)
            output.WriteLine($"an older agent still lived {times} times: {why}");
        if (failed is { } seed)
            new Simulator(machine, seed, traced: true).Run(); // once more, with its trace
        Assert.Null(failed);
    }

    [Theory]
    [InlineData(Guard.WriteNamesRun)]
    [InlineData(Guard.WriteNamesState)]
    [InlineData(Guard.LockRun)]
    [InlineData(Guard.LockLane)]
    [InlineData(Guard.TwoStaleObservations)]
    [InlineData(Guard.SpacedObservations)]
    [InlineData(Guard.Adoption)]
    [InlineData(Guard.ProbeLock)]
    [InlineData(Guard.ForgetOwner)]
    [InlineData(Guard.StrandedAreAdopted)]
    [InlineData(Guard.StartAsksLease)]
    [InlineData(Guard.EarlierRunsEnd)]
    public void Without_a_guard_some_seed_finds_what_it_kept_away(Guard guard)
    {
        var failed = FirstFailure(2000, guard, static _ => { });

        Assert.True(failed is not null, $"Without {guard} 2000 seeds went well.");
        new Simulator(machine, failed.Value).Run(); // the same seed goes well with it
        output.WriteLine(Assert.Throws<SimulationFailed>(new Simulator(machine, failed.Value, guard).Run).Message);
    }

    private int? FirstFailure(int seeds, Guard guard, Action<Simulator> then)
    {
        var first = int.MaxValue;
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, (seed, loop) =>
        {
            var simulator = new Simulator(machine, seed, guard);
            try
            {
                simulator.Run();
                then(simulator);
            }
            catch (SimulationFailed)
            {
                lock (output)
                    first = Math.Min(first, seed);
                loop.Break();
            }
        });
        return first == int.MaxValue ? null : first;
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
