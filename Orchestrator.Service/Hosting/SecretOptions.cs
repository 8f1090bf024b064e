namespace Orchestrator.Service.Hosting;

/// <summary>Where a secret is found: its value never stands in the configuration.</summary>
public sealed class SecretOptions
{
    private const int Longest = 4096;

    /// <summary>Name of the environment variable that holds it; none if absent.</summary>
    public string? Variable { get; set; }

    /// <summary>Path of the file that holds it, read at start without the line break at its end; none if absent.</summary>
    public string? File { get; set; }

    internal bool IsSet => Variable is { Length: > 0 } || File is { Length: > 0 };

    internal IEnumerable<Broken> Check(string key)
    {
        if (Variable is { Length: > 0 } && File is { Length: > 0 })
            yield return new($"{key}:File", "must be absent where Variable is given: a secret has one source", File);
        if (Variable is { } variable && (variable.Contains('=') || variable.Contains('\0')))
            yield return new($"{key}:Variable", "must be the name of an environment variable, never the secret itself", "a value with = or NUL");
        if (File is { Length: > 0 } file && !Path.IsPathRooted(file))
            yield return new($"{key}:File", "must be an absolute path", file);
    }

    /// <summary>The secret, at least one character long.</summary>
    /// <param name="path">The setting's full path, for the message.</param>
    /// <exception cref="BrokenSettingsException">The variable or file is missing, empty or too long.</exception>
    internal string Read(string path)
    {
        var (value, where) = Variable is { Length: > 0 } ? (Environment.GetEnvironmentVariable(Variable), $"the environment variable {Variable}") : (Content(path), $"the file {File}");
        if (value is not { Length: > 0 and <= Longest })
            throw new BrokenSettingsException([$"{path} names {where}, which must hold a secret of 1 to {Longest} characters. Found: {(value is { Length: > 0 } ? "more" : "nothing")}."]);
        return value;
    }

    private string? Content(string path)
    {
        try
        {
            return System.IO.File.ReadAllText(File!).TrimEnd('\r', '\n');
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BrokenSettingsException([$"{path} names the file {File}, which can't be read: {unreadable.Message}"]);
        }
    }
}
