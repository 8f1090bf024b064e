using System.Text;

namespace Orchestrator.Persistence.Jobs;

/// <summary>Text for people that comes from anywhere: exceptions, requests.</summary>
public static class Reason
{
    private const int Longest = 4000;

    /// <summary>The text as PostgreSQL can store it: without NUL and half characters, and not endless. A job must not stay where it is because of its reason.</summary>
    public static string Storable(string text)
    {
        var kept = text.Length > Longest ? text[..Longest] : text;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept)).Replace('\0', '\uFFFD');
    }
}
