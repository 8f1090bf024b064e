using System.ComponentModel;
using System.Diagnostics;

namespace Orchestrator.Service.Processes;

/// <summary>What became of a start.</summary>
internal abstract record Launched
{
    /// <summary>The wrapper is there, and the program's exit code will be kept.</summary>
    public sealed record Started(WrapperIdentity Wrapper) : Launched;

    /// <summary>Something on this machine is missing or wrong; nothing was started.</summary>
    public sealed record Impossible(string Reason) : Launched;

    /// <summary>It was tried, and nothing came of it. It can't begin any more.</summary>
    public sealed record NotStarted(string Reason) : Launched;
}

/// <summary>Starts a run's wrapper: in a session of its own, without anything of ours that it could hang on.</summary>
internal sealed class Launcher(ProcessOptions options, TimeProvider time)
{
    /// <summary>Every process of a run inherits it; by it those are found that left the group. Its value is the run folder: run ids repeat in other installations.</summary>
    public const string Mark = "ORCHESTRATOR_RUN";

    /// <summary>The job of the run, beside it: by it an earlier run's processes are found before the job begins again.</summary>
    public const string JobMark = "ORCHESTRATOR_JOB";

    private static readonly string Wrapper = Path.Combine(AppContext.BaseDirectory, "Processes", "wrapper.sh");
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <summary>The order of facts: the job is claimed, its folder says what is to be started, the wrapper starts, says who it is; then its pid is stamped on the job.</summary>
    public async Task<Launched> StartAsync(RunFolder folder, Guid job, PreparedCommand command, CancellationToken cancellation)
    {
        // A missing working folder and a missing program give the same error: look first, so that neither is blamed for the other.
        var working = command.Folder ?? folder.Path;
        if (command.Folder is not null && !Directory.Exists(working))
            return new Launched.Impossible($"The working folder {working} is not there. Create it, or name another.");
        if (CommandBook.Resolve(command.Options.Program) is not { } program)
            return new Launched.Impossible($"The program {command.Options.Program} of command {command.Name} is not installed. Install it, or correct Orchestrator:Commands:{command.Name}:Program.");
        if (!CommandBook.IsExecutable(program))
            return new Launched.Impossible($"The program {program} of command {command.Name} may not be executed. Give it the right, or correct Orchestrator:Commands:{command.Name}:Program.");
        if (command.Folder is not null && !CommandBook.IsWithin(working, command.Options.Folders))
            return new Launched.Impossible($"The working folder {working} leads out of the folders of command {command.Name} by now.");
        var missing = command.Secrets.Where(name => Environment.GetEnvironmentVariable(name) is null).ToList();
        if (missing.Count > 0)
            return new Launched.Impossible($"The service's environment lacks {string.Join(", ", missing)}, which command {command.Name} needs. Set it and restart the node.");

        var start = StartInfo(folder, job, program, command, working);
        if (folder.Exists)
            return new Launched.NotStarted($"The run folder {folder.Path} is there already; a run never starts in another's.");
        try
        {
            folder.Create(new RunSpec(job, folder.Run, command.Name, [program, .. command.Arguments], [.. start.Environment.Keys.Order(StringComparer.Ordinal)], working, command.Limits, time.GetUtcNow()));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Launched.Impossible($"The run folder {folder.Path} can't be written: {exception.Message}");
        }

        try
        {
            using var setsid = Process.Start(start)!;
            await setsid.WaitForExitAsync(cancellation);
        }
        catch (Win32Exception exception)
        {
            return new Launched.Impossible($"{start.FileName} can't be started: {exception.Message}. Install the packages bash and util-linux.");
        }

        var began = time.GetTimestamp();
        while (time.GetElapsedTime(began) < options.StartGrace)
        {
            if (folder.Wrapper is { } wrapper)
                return new Launched.Started(wrapper);
            await Task.Delay(Look, time, cancellation);
        }

        return !folder.Abandon() && folder.Wrapper is { } late ? new Launched.Started(late)
            : new Launched.NotStarted($"No process was there within {options.StartGrace}; {Path.Combine(folder.Path, "wrapper.log")} may say why.");
    }

    private static ProcessStartInfo StartInfo(RunFolder folder, Guid job, string program, PreparedCommand command, string working)
    {
        // setsid leaves at once and its child is nobody's but the system's: a service that is stopped or killed takes nothing with it.
        var start = new ProcessStartInfo("/usr/bin/setsid") { WorkingDirectory = working, UseShellExecute = false };
        foreach (var argument in (string[])["--fork", "/bin/bash", "-p", Wrapper, folder.Path, "--", program, .. command.Arguments])
            start.ArgumentList.Add(argument);
        SetEnvironment(start, command.Options, command.Secrets);
        start.Environment[Mark] = folder.Path;
        start.Environment[JobMark] = job.ToString();
        return start;
    }

    /// <summary>What a program of this command finds in its environment, and nothing else of the service's.</summary>
    public static void SetEnvironment(ProcessStartInfo start, CommandOptions command, IEnumerable<string> secrets)
    {
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "HOME", "LANG", "LC_ALL", "TZ", .. secrets])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }

        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
    }
}
