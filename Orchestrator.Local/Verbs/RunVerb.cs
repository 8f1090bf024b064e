using System.CommandLine;
using Orchestrator.Local.Replay;

namespace Orchestrator.Local;

/// <summary>Replays the incident with a file of several invoices, once with few permits and once with many, and judges the first.</summary>
internal static class RunVerb
{
    private const string Sample = "samples/22-invoices.pdf";

    public static async Task<int> RunAsync(string[] rest)
    {
        var file = new Argument<FileInfo?>("file") { Description = $"A PDF of several invoices; {Sample} if absent", Arity = ArgumentArity.ZeroOrOne };
        var once = new Option<bool>("--once") { Description = "End after the summary: with 0 if every condition holds, else with 1" };
        var real = new Option<bool>("--real-time") { Description = "The incident's own times, 60 s of visibility and 40 to 60 s of work, instead of a tenth" };
        var permits = new Option<int[]>("--permits")
        {
            Description = "Permits of each run, 1 to 1000; the first is judged",
            DefaultValueFactory = _ => [3, 22],
            AllowMultipleArgumentsPerToken = true,
        };
        permits.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int[]>() is { } numbers && numbers.Any(number => number is < 1 or > 1000))
                given.AddError("--permits takes numbers from 1 to 1000.");
        });
        var command = new RootCommand("Shows jobs move: drops a PDF of invoices into a local environment and follows it") { file, once, real, permits };
        command.SetAction((arguments, _) => ReplayAsync(
            arguments.GetValue(file)?.FullName ?? RepositoryFile.Find(Sample) ?? Path.GetFullPath(Sample),
            arguments.GetValue(permits)!, arguments.GetValue(real) ? ReplayPace.Real : ReplayPace.Scaled, arguments.GetValue(once)));
        var parsed = command.Parse(rest);
        var code = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? 2 : code;
    }

    private static async Task<int> ReplayAsync(string pdf, int[] permits, ReplayPace pace, bool once)
    {
        if (!File.Exists(pdf))
        {
            await Console.Error.WriteLineAsync($"There is no file {pdf}. Name a PDF, or none for the sample.");
            return 2;
        }
        using var stop = new StopSignals();
        try
        {
            await using var replay = new IncidentReplay(pdf, pace, Console.Out);
            var runs = await replay.RunAsync(permits, stop.Token);
            var conditions = await replay.JudgeAsync(runs[0], stop.Token);
            ReplayReport.Print(Console.Out, runs, conditions);
            if (once)
                return conditions.Any(condition => condition.Verdict == Verdict.Broken) ? 1 : 0;
            replay.PrintAddresses();
            await stop.Requested;
            return 0;
        }
        catch (CannotStartException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Exception) when (stop.Token.IsCancellationRequested)
        {
            return 130; // asked to stop before the verdict; what was under way breaks off in its own ways
        }
    }
}
