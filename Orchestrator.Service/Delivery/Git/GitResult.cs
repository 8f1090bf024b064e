using System.Text;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>Why a command of git came to nothing; what follows is a function of it.</summary>
internal enum GitFault
{
    /// <summary>It did not fail.</summary>
    None,

    /// <summary>The folder that it should work in is not there.</summary>
    FolderMissing,

    /// <summary>There is no git on this node.</summary>
    NotInstalled,

    /// <summary>It took too long and was ended.</summary>
    TimedOut,

    /// <summary>The remote does not answer, or not to the end: may pass by itself.</summary>
    Unreachable,

    /// <summary>The remote refuses the credentials, the host key or the name of the repository: a person must look.</summary>
    Refused,

    /// <summary>The settings don't say where the repository is, or what they say can't be.</summary>
    Misconfigured,

    /// <summary>Somebody works in the worktree, or holds a lock of the repository: may pass by itself.</summary>
    Busy,

    /// <summary>It printed more than is kept.</summary>
    TooMuch,

    /// <summary>Anything else that git complained about.</summary>
    Failed,
}

/// <summary>What a command of git left.</summary>
/// <param name="Fault">None if it ran to its end; whether its exit code means success, the caller knows.</param>
/// <param name="ExitCode">128 + n for a signal, -1 if it never ran.</param>
/// <param name="Output">Standard output, up to the limit.</param>
/// <param name="Error">The beginning of standard error, without secrets.</param>
/// <param name="Truncated">Was there more output than is kept?</param>
internal sealed record GitResult(GitFault Fault, int ExitCode, byte[] Output, string Error, bool Truncated)
{
    public bool Succeeded => Fault == GitFault.None && ExitCode == 0 && !Truncated;

    /// <summary>Standard output as text; what is no UTF-8 is replaced.</summary>
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>One line, without its end.</summary>
    public string Line => Text.TrimEnd('\n', '\r');

    /// <summary>Fields that end with NUL.</summary>
    public IReadOnlyList<string> Fields => Text.Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>This, if it ended with one of these exit codes.</summary>
    /// <exception cref="GitFailedException">It did not.</exception>
    public GitResult Must(string what, params ReadOnlySpan<int> codes)
    {
        if (Fault == GitFault.None && Truncated)
            throw new GitFailedException(GitFault.TooMuch, $"{what}: git printed more than is kept.");
        if (Fault == GitFault.None && (codes.Length == 0 ? ExitCode == 0 : codes.Contains(ExitCode)))
            return this;
        var fault = Fault == GitFault.None ? GitFaults.Of(Error) : Fault;
        throw new GitFailedException(fault, $"{what}: {(Fault == GitFault.None ? $"git ended with {ExitCode}: " : "")}{(Error.Length > 0 ? Error.Trim() : "it said nothing")}");
    }
}

/// <summary>A command of git failed in a way that its caller has no use for.</summary>
internal sealed class GitFailedException(GitFault fault, string message) : Exception(message)
{
    public GitFault Fault { get; } = fault;

    /// <summary>How the job ends whose work needed it: never as a fault of the code, nor of other repositories.</summary>
    public JobOutcome Outcome => (Fault switch
    {
        GitFault.Unreachable or GitFault.TimedOut or GitFault.Busy => JobOutcome.Transient(Message),
        GitFault.Refused => JobOutcome.EnvironmentFault($"{Message} See that the repository is there, that Orchestrator:Delivery:Remote or its entry in Repositories leads to it, and that this service may read and push; then retry the stage."),
        GitFault.NotInstalled => JobOutcome.EnvironmentFault($"{Message} Install git on this node, then retry the stage."),
        GitFault.Misconfigured => JobOutcome.EnvironmentFault(Message),
        _ => JobOutcome.EnvironmentFault($"{Message} Mend that, then retry the stage."),
    }).Alone();
}

/// <summary>Reads what git says about a failure. The locale is C, so the words are git's own.</summary>
internal static class GitFaults
{
    private static readonly string[] Refusals =
    [
        "Authentication failed", "could not read Username", "could not read Password", "Permission denied", "Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "does not appear to be a git repository", "returned error: 401", "returned error: 403", "returned error: 404", "Repository not found", "SSL certificate problem", "certificate verif",
        "transport '", "Access denied", "unable to update url base from redirection",
    ];

    private static readonly string[] Absences =
    [
        "Could not resolve host", "Temporary failure in name resolution", "Connection refused", "Connection timed out", "Operation timed out", "Connection reset", "No route to host", "Network is unreachable",
        "Failed to connect", "early EOF", "hung up unexpectedly", "Broken pipe", "RPC failed", "returned error: 429", "returned error: 50", "Connection closed by", "kex_exchange_identification",
        "gnutls_handshake", "SSL_connect", "Empty reply from server", "Recv failure", "unexpected disconnect",
    ];

    // Another git is at work, one that outlived its node for instance, or was killed and left its lock, which goes when it is old.
    private static readonly string[] Locks = ["index.lock", ".lock': File exists", "could not lock config file", " but expected "];

    public static GitFault Of(string error) =>
        Refusals.Any(words => error.Contains(words, StringComparison.OrdinalIgnoreCase)) ? GitFault.Refused
        : Absences.Any(words => error.Contains(words, StringComparison.OrdinalIgnoreCase)) ? GitFault.Unreachable
        : Locks.Any(words => error.Contains(words, StringComparison.Ordinal)) ? GitFault.Busy
        : GitFault.Failed;
}
