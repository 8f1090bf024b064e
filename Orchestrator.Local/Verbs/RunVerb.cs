using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using Orchestrator.Local.Demo;
using Orchestrator.Local.Replay;

namespace Orchestrator.Local;

/// <summary>Shows one of the two workloads: the incident replayed with a file of several invoices, once with few permits and once with many; or a delivery from a webhook to a merge.</summary>
internal static class RunVerb
{
    private const string Sample = "samples/22-invoices.pdf";
    private const int Looked = 1024; // bytes before which a PDF's mark must stand, as the service has it

    public static async Task<int> RunAsync(string[] rest)
    {
        var file = new Argument<string?>("file") { Description = $"A PDF of several invoices; {Sample} if absent", Arity = ArgumentArity.ZeroOrOne };
        var once = new Option<bool>("--once") { Description = "End after the summary: with 0 if every condition holds, else with 1" };
        var real = new Option<bool>("--real-time") { Description = "The incident's own times, 60 s of visibility and 40 to 60 s of work, instead of a tenth" };
        var delivery = new Option<bool>("--delivery") { Description = "Instead: two pieces of delivery work, from a signed webhook through agents, tests, a hold and a conflict to a merge" };
        var permits = new Option<int[]>("--permits")
        {
            Description = "Permits of each run, 1 to 1000; the first is judged",
            DefaultValueFactory = _ => [3, 22],
            AllowMultipleArgumentsPerToken = true,
        };
        permits.Validators.Add(given =>
        {
            // The tokens, because what is no number has no value either; the file's name after the numbers is taken for one of them.
            foreach (var token in given.Tokens.Where(token => !int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 1000))
                given.AddError($"--permits takes numbers from 1 to 1000. Found: {token.Value}. The file goes before it.");
        });
        file.Validators.Add(given =>
        {
            if (given.Tokens is [var name] && WhyNoPdf(name.Value) is { } why)
                given.AddError($"{why} Name a PDF, or none for the sample.");
        });
        var command = new Command("./run", "Shows jobs move: drops a PDF of invoices into a local environment and follows it; or, with --delivery, a task through its stages")
        {
            file, once, real, permits, delivery, new HelpOption(),
        };
        command.Validators.Add(given =>
        {
            if (given.GetValue(delivery) && (given.GetResult(file) is { Tokens.Count: > 0 } || given.GetResult(real) is { Implicit: false } || given.GetResult(permits) is { Implicit: false }))
                given.AddError("--delivery goes with --once only: it replays no file.");
        });
        command.SetAction((arguments, _) => arguments.GetValue(delivery) ? DeliverAsync(arguments.GetValue(once)) : ReplayAsync(
            arguments.GetValue(file) is { } name ? Path.GetFullPath(name) : RepositoryFile.Find(Sample) ?? Path.GetFullPath(Sample),
            arguments.GetValue(permits)!, arguments.GetValue(real) ? ReplayPace.Real : ReplayPace.Scaled, arguments.GetValue(once)));
        var parsed = command.Parse(rest);
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("./run --help names all arguments.");
            return 2;
        }
        // Signals are ours: what was started is stopped in order, however long that takes.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>Null for a file that can be shown; damaged ones can, too.</summary>
    private static string? WhyNoPdf(string name)
    {
        if (name.Length == 0)
            return "The name of the file is empty.";
        var path = Path.GetFullPath(name);
        if (Directory.Exists(path))
            return $"{path} is a folder.";
        if (!File.Exists(path))
            return name[0] == '-' ? $"{name} is no option." : $"There is no file {path}.";
        try
        {
            using var content = File.OpenRead(path);
            Span<byte> start = stackalloc byte[Looked];
            start = start[..content.ReadAtLeast(start, Looked, throwOnEndOfStream: false)];
            return start.IsEmpty ? $"{path} is empty." : start.IndexOf("%PDF-"u8) < 0 ? $"{path} is no PDF." : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} can't be read: {e.Message}";
        }
    }

    private static Task<int> ReplayAsync(string pdf, int[] permits, ReplayPace pace, bool once) => ShowAsync(once, async (stop, shown) =>
    {
        await using var replay = new IncidentReplay(pdf, pace, Console.Out);
        var runs = await replay.RunAsync(permits, stop);
        var conditions = await replay.JudgeAsync(runs[0], stop);
        ReplayReport.Print(Console.Out, runs, conditions);
        return await shown(conditions, replay.PrintAddresses);
    });

    private static Task<int> DeliverAsync(bool once) => ShowAsync(once, async (stop, shown) =>
    {
        await using var demo = new DeliveryDemo(Console.Out);
        IReadOnlyList<Condition> conditions;
        try
        {
            conditions = await demo.RunAsync(stop);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException && !stop.IsCancellationRequested)
        {
            throw new CannotStartException($"{e.Message}\nThe end of the service's log:\n{demo.LogTail()}");
        }

        demo.PrintTimelines();
        Console.WriteLine();
        foreach (var condition in conditions)
            Console.WriteLine(condition);
        return await shown(conditions, demo.PrintAddresses);
    });

    /// <summary>Runs a show; after its verdict it ends, or stays up until it is asked to stop.</summary>
    private static async Task<int> ShowAsync(bool once, Func<CancellationToken, Func<IReadOnlyList<Condition>, Action, Task<int>>, Task<int>> show)
    {
        using var stop = new StopSignals();
        try
        {
            return await show(stop.Token, async (conditions, printAddresses) =>
            {
                if (once)
                    return conditions.Any(condition => condition.Verdict == Verdict.Broken) ? 1 : 0;
                printAddresses();
                await stop.Requested;
                return 0;
            });
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
