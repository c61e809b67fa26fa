//! One-page PDF files with plain text, written by hand: enough for an invoice that every viewer opens.

/// A page with a heading and lines below it.
pub(super) fn page(heading: &str, lines: &[String]) -> Vec<u8> {
    let mut text = b"BT /F1 16 Tf 56 780 Td (".to_vec();
    append(&mut text, heading);
    text.extend(b") Tj /F1 10 Tf 0 -28 Td 14 TL\n");
    for line in lines {
        text.push(b'(');
        append(&mut text, line);
        text.extend(b") Tj T*\n");
    }
    text.extend(b"ET");
    let mut stream = format!("<< /Length {} >>\nstream\n", text.len()).into_bytes();
    stream.extend(text);
    stream.extend(b"\nendstream");
    let objects: [Vec<u8>; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_vec(),
        stream,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    file(&objects)
}

/// The objects with their table of positions.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut positions = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        positions.push(file.len());
        file.extend(format!("{} 0 obj\n", at + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    let count = objects.len() + 1;
    file.extend(format!("xref\n0 {count}\n0000000000 65535 f \n").into_bytes());
    for position in positions {
        file.extend(format!("{position:010} 00000 n \n").into_bytes());
    }
    file.extend(
        format!("trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").into_bytes(),
    );
    file
}

/// Text in the font's encoding, which is Latin-1 but for a few signs that nobody uses here; others become `?`.
fn append(to: &mut Vec<u8>, text: &str) {
    for letter in text.chars() {
        if matches!(letter, '(' | ')' | '\\') {
            to.push(b'\\');
        }
        to.push(u8::try_from(letter).unwrap_or(b'?'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_each_of_its_objects() {
        let page = page("Faktura (åäö)", &["100 % \\ 5".to_owned()]);
        let text: String = page.iter().map(|byte| char::from(*byte)).collect();
        assert!(text.contains("(Faktura \\(åäö\\)) Tj") && text.contains("(100 % \\\\ 5) Tj"));
        let (_, table) = text.split_once("xref\n0 6\n").unwrap();
        let positions = table
            .lines()
            .skip(1)
            .take(5)
            .map(|line| line[..10].parse::<usize>().unwrap());
        for (at, position) in positions.enumerate() {
            assert!(
                text.chars()
                    .skip(position)
                    .collect::<String>()
                    .starts_with(&format!("{} 0 obj", at + 1))
            );
        }
        let start: usize = text
            .rsplit("startxref\n")
            .next()
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(text.chars().skip(start).collect::<String>().starts_with("xref"));
    }
}
