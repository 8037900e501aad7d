<?php
                $parameters = [
                    'custom' => 'DFU80XZIKS',
                    'currency_code' => 'USD',
                    'amount' => 280.00,
                    'details' => 'Digital Product',
                    'web_hook' => 'https://yoursite.com/web_hook.php',
                    'cancel_url' => 'https://yoursite.com/cancel_url.php',
                    'success_url' => 'https://yoursite.com/success_url.php',
                    'customer_email' => '[email protected]',
                ];
                
                $url = 'https://payment.ito-japan.jp/payment/process';
                $timestamp = time();
                $body = json_encode($parameters);
                $signature = hash_hmac('sha256', $timestamp . '.' . $body, $secret_key);
                $headers = [
                    "Accept: application/json",
                    "Authorization: Bearer access_key",
                    "X-Timestamp: $timestamp",
                    "X-Signature: $signature",
                ];

                
                
                $ch = curl_init();
                curl_setopt($ch, CURLOPT_HTTPHEADER, $headers);
                curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, false);
                curl_setopt($ch, CURLOPT_URL, $url);
                curl_setopt($ch, CURLOPT_POSTFIELDS,  http_build_query($parameters));
                curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
                $response = curl_exec($ch);
                curl_close($ch);
            ?>
