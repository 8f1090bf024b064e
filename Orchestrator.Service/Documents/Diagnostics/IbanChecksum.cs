namespace Orchestrator.Service.Documents.Diagnostics;

internal static class IbanChecksum
{
    /// <summary>ISO 13616: the first four letters moved behind, letters as numbers, remainder by 97 is 1.</summary>
    public static bool Holds(string iban)
    {
        if (iban.Length is < 15 or > 34) return false;
        var rest = 0;
        foreach (var letter in iban.AsSpan(4).ToString() + iban[..4])
        {
            if (char.IsAsciiDigit(letter)) rest = (rest * 10 + (letter - '0')) % 97;
            else if (char.IsAsciiLetterUpper(letter)) rest = (rest * 100 + (letter - 'A' + 10)) % 97;
            else return false;
        }
        return rest == 1;
    }
}
