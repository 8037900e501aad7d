            $timestamp = $_SERVER['HTTP_X_TIMESTAMP'];
            $signature = $_SERVER['HTTP_X_SIGNATURE'];
            $body = file_get_contents('php://input');
            $secret_key = 'merchant側で事前共有したシークレット';

            $expected_signature = 'sha256=' . hash_hmac('sha256', $timestamp . '.' . $body, $secret_key);

            if (!hash_equals($expected_signature, $signature)) {
                http_response_code(403);
                exit('Invalid signature');
            }
